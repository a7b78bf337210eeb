/** The flame-graph page's beginning. */
import './page.css';
import './parts.css';
import './owners/owners.css';
import './memory/memory.css';
import { App } from './app';
import type { ToPage } from './messages';
import { vscode } from './vscode';

const app = new App(document.body, (message) => vscode.postMessage(message));
// Only the host that embeds the page has its window to post to; nothing else can frame it.
window.addEventListener('message', (event: MessageEvent<ToPage>) => app.receive(event.data));
app.start();
