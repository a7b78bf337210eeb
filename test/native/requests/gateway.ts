/** An nginx that answers in all ways that requests end in, and what it wrote to its access log. */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort } from '../../fixtures/wait';
import { type Nginx, startNginx } from '../nginx';

/** Milliseconds that a server behind nginx waits before its header, and between that and its end. */
export const HEADER_MS = 40;
export const BODY_MS = 60;
/** So long does a request block the whole worker. */
export const BLOCKED_MS = 30;
/** After which a connection that was upgraded ends. */
export const UPGRADED_MS = 200;

const http = (port: number, http2: number, backend: number, dead: number) => `
  log_format times '$request_method $uri $status $request_time $body_bytes_sent $bytes_sent '
    '$request_length $upstream_connect_time|$upstream_header_time|$upstream_response_time $upstream_addr';
  upstream retried { server 127.0.0.1:${dead}; server 127.0.0.1:${backend} backup; }
  server {
    listen 127.0.0.1:${port};
    listen 127.0.0.1:${http2} http2;
    server_name one.example;
    access_log access.log times;
    root html;
    keepalive_requests 1000000;
    proxy_http_version 1.1;
    proxy_set_header Upgrade $http_upgrade;
    proxy_set_header Connection $http_connection;
    location /static/ { }
    location = /sleep { content_by_lua_block {
      ngx.sleep(tonumber(ngx.var.arg_ms) / 1000)
      ngx.say("slept")
    } }
    location /blocking { content_by_lua_block { os.execute("sleep ${BLOCKED_MS / 1000}") ngx.say("x") } }
    location /proxied { proxy_pass http://127.0.0.1:${backend}; }
    location /retried { proxy_pass http://retried; }
    location /denied { deny all; }
    location /lua-denied { access_by_lua_block { ngx.exit(403) } content_by_lua_block { ngx.say("x") } }
    location /returned { return 204; }
    location /moved { error_page 404 = @fallback; }
    location @fallback { return 200 "instead"; }
    location /parts { content_by_lua_block {
      local one = ngx.location.capture("/static/a.txt")
      ngx.print(one.body)
    } }
  }`;

export interface Logged {
  readonly method: string;
  readonly uri: string;
  readonly status: string;
  readonly ms: number;
  readonly bytesOut: number;
  readonly bytesIn: number;
  /** Milliseconds: connect, header, response of each server that it was passed to. */
  readonly upstream: readonly (readonly number[])[];
}

export interface Gateway {
  readonly nginx: Nginx;
  readonly port: number;
  readonly http2: number;
  /** Addresses of the server behind it and of one that is none. */
  readonly backend: string;
  readonly dead: string;
  log(): Logged[];
  stop(): Promise<void>;
}

async function startBackend(): Promise<Server> {
  const server = createServer((request, response) => {
    const patience = request.url?.startsWith('/proxied/never') ? 60_000 : HEADER_MS;
    void delay(patience, undefined, { ref: false }).then(async () => {
      response.write('some');
      await delay(BODY_MS);
      response.end(' and more');
    });
  });
  server.on('upgrade', (_, socket) => {
    socket.on('error', () => undefined);
    socket.write(
      'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n',
    );
    void delay(UPGRADED_MS).then(() => socket.end());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

const msOf = (text: string) => text.split(', ').map((one) => Math.round(Number(one) * 1000));

function parse(line: string): Logged {
  const [method, uri, status, seconds, , out, into, ...rest] = line.split(' ');
  const [connect, header, answer] = rest.join(' ').split('|');
  const response = (answer ?? '').replace(/ (?:unix:|127\.|-).*$/, '');
  return {
    method: method!,
    uri: uri!,
    status: status!,
    ms: Math.round(Number(seconds) * 1000),
    bytesOut: Number(out),
    bytesIn: Number(into),
    upstream: [msOf(connect!), msOf(header!), msOf(response)],
  };
}

export async function startRequestGateway(options: { workers?: number } = {}): Promise<Gateway> {
  const backend = await startBackend();
  const { port: backendPort } = backend.address() as AddressInfo;
  const [port, http2, dead] = [await freePort(), await freePort(), await freePort()];
  const nginx = await startNginx({
    ...options,
    files: { 'html/static/a.txt': 'a'.repeat(5000) },
    http: http(port, http2, backendPort, dead),
  });
  return {
    nginx,
    port,
    http2,
    backend: `127.0.0.1:${backendPort}`,
    dead: `127.0.0.1:${dead}`,
    log: () =>
      readFileSync(`${nginx.prefix}/access.log`, 'utf8')
        .trim()
        .split('\n')
        .filter(Boolean)
        .map(parse),
    stop: async () => {
      await nginx.stop();
      backend.closeAllConnections();
      backend.close();
    },
  };
}
