// The TypeScript of the wire: what protoc and the generator of @bufbuild/protobuf make of its description.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

const PROTO = 'native/wire/acupoint.proto';
const GENERATED = 'extension/probe/generated/acupoint_pb.ts';

/** Only when the description is newer. */
export function generateWire() {
  if (existsSync(GENERATED) && statSync(GENERATED).mtimeMs > statSync(PROTO).mtimeMs) return;
  mkdirSync(dirname(GENERATED), { recursive: true });
  execFileSync(
    'protoc',
    [
      '--plugin=protoc-gen-es=node_modules/.bin/protoc-gen-es',
      '--es_opt=target=ts',
      `--es_out=${dirname(GENERATED)}`,
      `--proto_path=${dirname(PROTO)}`,
      PROTO,
    ],
    { stdio: 'inherit' },
  );
}
