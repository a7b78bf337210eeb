/** For the rooms that may not know remote/. */
export type { Log } from '../remote/log';
