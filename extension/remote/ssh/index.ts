/**
 * The libraries of a connection, as a bundle of their own: see load.ts. Nothing else stands here.
 */
export { BaseAgent, Client, createAgent, utils } from 'ssh2';
export { default as SSHConfig } from 'ssh-config';
