/** For the rooms that may not know remote/. */
export { messageOf, type Log } from '../remote/log';
