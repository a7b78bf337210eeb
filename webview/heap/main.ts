/** The beginning of the page of heap snapshots. */
import '../common/page.css';
import '../common/parts.css';
import '../common/owners.css';
import './heap.css';
import { vscode } from '../common/vscode';
import { HeapApp } from './app';
import type { ToHeapPage } from '../../extension/page/heap';

const app = new HeapApp(document.body, (message) => vscode.postMessage(message));
// Only the host that embeds the page has its window to post to; nothing else can frame it.
window.addEventListener('message', (event: MessageEvent<ToHeapPage>) => app.receive(event.data));
app.start();
