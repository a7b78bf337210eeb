/** From the bytes of a snapshot to what it says. */
export { decodeHeap, HeapTooLarge } from './decode';
export { makeHeapReport, type HeapReport } from './report';
