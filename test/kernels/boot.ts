/**
 * Files that a machine boots: a kernel of Debian's, and a first file system with the gateway in it.
 */
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { repositoryRoot } from '../fixtures/root';
import { Archive, cache } from './archive';
import { debianName, type Kernel } from './kernels';

/** Debian 11 has no nginx with LuaJIT for arm64: its LuaJIT runs the gateway's loops alone. */
const USERLANDS = {
  bookworm: [
    ...['busybox-static', 'nginx', 'libnginx-mod-http-lua', 'libnginx-mod-http-ndk'],
    ...['lua-resty-core', 'lua-resty-lrucache', 'libluajit2-5.1-2', 'libgcc-s1', 'libc6'],
    ...['libcrypt1', 'libpcre2-8-0', 'libpcre3', 'libssl3', 'zlib1g'],
  ],
  bullseye: ['busybox-static', 'luajit', 'libluajit-5.1-2', 'libgcc-s1', 'libc6'],
} as const;
const NOT_NEEDED = ['usr/share/doc', 'usr/share/man', 'usr/share/lintian'];

/** The path of a kernel's image, downloaded once. @throws where there is none. */
export function kernelImage(kernel: Kernel): string {
  const name = `${kernel.name}-${kernel.architecture}`;
  const image = join(cache, name);
  if (existsSync(image)) return image;
  const archive = new Archive(kernel.suite, debianName[kernel.architecture]);
  const unpacked = `${image}.partial`;
  archive.unpack([imagePackage(kernel, archive)], unpacked, '*/vmlinuz*');
  const found = readdirSync(unpacked, { recursive: true, encoding: 'utf8' }).find((path) =>
    /(^|\/)vmlinuz[^/]*$/.test(path),
  );
  if (found === undefined) throw new Error(`No kernel in the package of ${name}.`);
  writeFileSync(`${image}.new`, bootable(readFileSync(join(unpacked, found))));
  renameSync(`${image}.new`, image);
  rmSync(unpacked, { recursive: true });
  return image;
}

/** The package that has the image, from the one that always depends on the newest. */
function imagePackage({ suite, pinned, architecture }: Kernel, archive: Archive): string {
  const flavour = `cloud-${debianName[architecture]}`;
  const pin = `linux-image-${pinned}-${flavour}`;
  let name = pinned !== undefined && archive.has(pin) ? pin : `linux-image-${flavour}`;
  for (;;) {
    const next = archive.dependencies(name).find((found) => /^linux-(image|binary)-\d/.test(found));
    if (next === undefined) break;
    name = next;
  }
  if (!/\d/.test(name.replace(flavour, ''))) throw new Error(`${suite} has no ${flavour} kernel.`);
  return name;
}

/** An image that unpacks itself under EFI (as arm64 may) as the plain one that qemu starts. */
function bootable(image: Buffer): Buffer {
  if (image.toString('latin1', 4, 8) !== 'zimg') return image;
  const start = image.readUInt32LE(8);
  const packed = image.subarray(start, start + image.readUInt32LE(12));
  const compression = image.toString('latin1', 24, 56).replace(/\0.*$/s, '');
  const command = { gzip: 'gzip', zstd: 'zstd', zstd22: 'zstd', xzkern: 'xz' }[compression];
  if (command === undefined) throw new Error(`A kernel compressed with ${compression}.`);
  return execFileSync(command, ['-dc'], { input: packed, maxBuffer: 256 << 20 });
}

/** Writes a cpio archive with `probe`, and the recorder beside it, into `folder`. Returns its path. */
export function fileSystem(kernel: Kernel, probe: string, folder: string): string {
  const own = join(folder, 'own');
  const guest = join(repositoryRoot, 'test/kernels/guest');
  for (const part of ['bin', 'gateway', 'etc']) mkdirSync(join(own, part), { recursive: true });
  copyFileSync(probe, join(own, 'bin/acupoint-probe'));
  copyFileSync(`${probe}-record`, join(own, 'bin/acupoint-record'));
  copyFileSync(join(guest, 'init'), join(own, 'init'));
  for (const file of ['init', 'bin/acupoint-probe', 'bin/acupoint-record'])
    chmodSync(join(own, file), 0o755);
  for (const file of ['gateway.lua', 'alone.lua', 'nginx.conf']) {
    copyFileSync(join(guest, file), join(own, 'gateway', file));
  }
  writeFileSync(join(own, 'etc/passwd'), 'root:x:0:0:root:/:/bin/sh\n');
  writeFileSync(join(own, 'etc/group'), 'root:x:0:\n');
  const path = join(folder, 'initramfs');
  // The kernel unpacks one archive after the other.
  writeFileSync(path, Buffer.concat([pack(userland(kernel)), pack(own)]));
  return path;
}

function userland({ userland: suite, architecture }: Kernel): string {
  const folder = join(cache, `${suite}-${architecture}`);
  if (existsSync(folder)) return folder;
  const partial = `${folder}.partial`;
  new Archive(suite, debianName[architecture]).unpack(USERLANDS[suite], partial);
  const libraries = join(partial, 'usr/lib', `${architecture}-linux-gnu`);
  for (const path of [...NOT_NEEDED.map((name) => join(partial, name)), join(libraries, 'gconv')]) {
    rmSync(path, { recursive: true, force: true });
  }
  renameSync(partial, folder);
  return folder;
}

function pack(folder: string): Buffer {
  const command = 'find . | cpio --quiet -o -H newc -R +0:+0';
  return execFileSync('/bin/sh', ['-c', command], { cwd: folder, maxBuffer: 256 << 20 });
}
