/**
 * The built page in Chromium, served with the policy that the panel sets, and driven as a user
 * does.
 */
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { build } from 'esbuild';
import { chromium, type Browser, type Page } from 'playwright-core';
import { pageHtml } from '../../extension/views/html';
import type {
  OptionsOf,
  StatusMessage,
  ToExtension,
  ToPage,
  Topic,
  TreeMessage,
  UnitName,
} from '../../extension/page/messages';
import { patience } from '../fixtures/patience';
import { repositoryRoot } from '../fixtures/root';
import { waitFor } from '../fixtures/wait';
import type { StackSpec } from './page/trees';

const CHROMIUM_FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export function launchChromium(moreFlags: readonly string[] = []): Promise<Browser> {
  const executablePath = process.env['CHROMIUM'] ?? '/usr/bin/chromium';
  return chromium.launch({ executablePath, args: [...CHROMIUM_FLAGS, ...moreFlags] });
}

export interface PageBundle {
  readonly script: string;
  readonly style: string;
}

/** Browser code of a test, as one script and the style sheets that it imports. */
export async function bundlePage(entry: string): Promise<PageBundle> {
  const { outputFiles } = await build({
    entryPoints: [join(repositoryRoot, entry)],
    bundle: true,
    write: false,
    outdir: join(repositoryRoot, 'out/page'),
    format: 'iife',
    target: 'chrome120',
    logLevel: 'warning',
  });
  const text = (extension: string): string =>
    outputFiles.find((file) => file.path.endsWith(extension))?.text ?? '';
  return { script: text('.js'), style: text('.css') };
}

/** Serves the page and what belongs to it on a free port of loopback. */
export class PageServer {
  private constructor(
    private readonly server: Server,
    readonly origin: string,
  ) {}

  static async start(): Promise<PageServer> {
    const server = createServer((request, response) => {
      const file = /^\/(main|heap)\.(js|css)$/.test(request.url ?? '') ? request.url! : '';
      if (file !== '') {
        const type = file.endsWith('.js') ? 'text/javascript' : 'text/css';
        response.setHeader('content-type', type);
        response.end(readFileSync(join(repositoryRoot, 'dist/webview', file)));
        return;
      }
      const origin = `http://${request.headers.host ?? ''}`;
      const path = `${origin}/${request.url === '/heap' ? 'heap' : 'main'}`;
      const uris = { cspSource: origin, script: `${path}.js`, style: `${path}.css` };
      response.setHeader('content-type', 'text/html');
      response.end(pageHtml(uris, randomBytes(18).toString('base64'), 'Flame graph'));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    return new PageServer(server, `http://127.0.0.1:${port}`);
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

export class FlamePage {
  /** Errors of the page's script. */
  readonly errors: string[] = [];

  constructor(readonly page: Page) {
    page.on('pageerror', (error) => this.errors.push(error.stack ?? error.message));
  }

  /** Opens the page and waits until it says that it is ready. */
  static async open(
    browser: Browser,
    server: PageServer,
    stub: PageBundle,
    path = '',
  ): Promise<FlamePage> {
    const context = await browser.newContext({
      viewport: { width: 1200, height: 700 },
      // No animation to wait for; what animates has a test of its own.
      reducedMotion: 'reduce',
    });
    context.setDefaultTimeout(30_000 * patience);
    const page = await context.newPage();
    await page.addInitScript(stub.script);
    const opened = new FlamePage(page);
    await opened.load(server, path);
    return opened;
  }

  /** Also what happens when a hidden page comes back: its script starts again, from its state. */
  async load(server: PageServer, path = ''): Promise<void> {
    await this.page.goto(`${server.origin}/${path}`);
    await this.waitForMessage('ready');
  }

  close(): Promise<void> {
    return this.page.context().close();
  }

  sent(): Promise<ToExtension[]> {
    return this.page.evaluate<ToExtension[]>('acupointTest.sent');
  }

  violations(): Promise<string[]> {
    return this.page.evaluate<string[]>('acupointTest.violations');
  }

  waitForMessage<T extends ToExtension['type']>(
    type: T,
    accept: (message: Extract<ToExtension, { type: T }>) => boolean = () => true,
  ): Promise<Extract<ToExtension, { type: T }>> {
    return waitFor(`the page to say "${type}"`, async () =>
      (await this.sent()).find((message): message is Extract<ToExtension, { type: T }> => {
        return message.type === type && accept(message as Extract<ToExtension, { type: T }>);
      }),
    );
  }

  /** The page looks at a topic; null: no more. */
  async waitForWant<T extends Topic>(
    topic: T,
    accept: (options: OptionsOf<T> | null) => boolean = (options) => options !== null,
  ): Promise<OptionsOf<T> | null> {
    const message = await this.waitForMessage(
      'want',
      (each) => each.topic === topic && accept(each.options as OptionsOf<T> | null),
    );
    return message.options;
  }

  async forgetMessages(): Promise<void> {
    await this.page.evaluate('acupointTest.sent.length = 0');
  }

  send(message: Exclude<ToPage, TreeMessage>): Promise<void> {
    return this.page.evaluate(`acupointTest.send(${JSON.stringify(message)})`);
  }

  /** Sends a tree and waits until the page has painted it. */
  async show(
    stacks: readonly StackSpec[],
    profile = 'profile',
    unit: UnitName = 'cpu',
  ): Promise<void> {
    const argument = [stacks, profile, unit].map((each) => JSON.stringify(each)).join();
    const revision = await this.page.evaluate<number>(`acupointTest.sendStacks(${argument})`);
    await this.waitForMessage('painted', (message) => message.revision === revision);
  }

  /** Resolves when what has been asked for so far is on the canvas. */
  async settled(): Promise<void> {
    await this.page.evaluate(
      'new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done())))',
    );
  }

  get graph() {
    return this.page.getByRole('tree', { name: 'Flame graph' });
  }

  tooltipName(): Promise<string> {
    return this.page.locator('.tooltip-name').innerText();
  }

  /** Moves the pointer to a part of the graph's width in a row above the root. */
  async hover(part: number, row: number, inverted = false): Promise<void> {
    const { x, y } = await this.pointOf(part, row, inverted);
    await this.page.mouse.move(x, y);
  }

  async pointOf(part: number, row: number, inverted = false): Promise<{ x: number; y: number }> {
    const box = await this.graph.boundingBox();
    if (box === null) throw new Error('The graph is not visible.');
    const rowHeight = 20;
    const fromRoot = (row + 0.5) * rowHeight;
    return {
      x: box.x + part * box.width,
      y: inverted ? box.y + fromRoot : box.y + box.height - fromRoot,
    };
  }
}

export function statusOf(changes: Partial<StatusMessage> = {}): StatusMessage {
  return {
    type: 'status',
    state: 'running',
    host: 'root@edge-7',
    target: 'Kong 3.9.1, worker 1234',
    pids: [1234],
    rateHz: 99,
    askedHz: 99,
    rateLimit: 'none',
    samplesPerSecond: 97,
    samples: 12_345,
    lost: 0,
    truncated: 3,
    probeCpuPercent: 0.21,
    kernelCpuPercent: 0.12,
    sampleWeight: 1,
    stoppedPercent: 0,
    targetCpuMs: 0,
    budgetPercent: 1,
    sampler: 'BPF',
    samplerNote: '',
    lua: { samples: 10_000, exact: 9_800, functionOnly: 150, traceRoot: 30, unknown: 20 },
    native: {
      samples: 12_300,
      complete: 12_280,
      truncated: 3,
      ends: [0, 12_280, 3, 0, 5, 0, 0, 12, 0, 0, 0],
    },
    elapsedMs: 127_000,
    startUnixMs: 0,
    watched: null,
    instrumentsPercent: 0,
    focus: null,
    message: '',
    ...changes,
  };
}
