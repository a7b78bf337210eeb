/** The flame-graph page's beginning. */
import '../common/page.css';
import '../common/parts.css';
import '../common/owners.css';
import '../panes/errors/errors.css';
import '../panes/jit/jit.css';
import '../panes/latency/latency.css';
import '../panes/loop/loop.css';
import '../panes/memory/memory.css';
import { App } from './app';
import type { ToPage } from '../../extension/page/messages';
import { vscode } from '../common/vscode';

const app = new App(document.body, (message) => vscode.postMessage(message));
// Only the host that embeds the page has its window to post to; nothing else can frame it.
window.addEventListener('message', (event: MessageEvent<ToPage>) => app.receive(event.data));
app.start();
