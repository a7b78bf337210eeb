/** Draws laid-out boxes on a canvas. */
import { shadeOf, type KindColours, type Palette } from './colours';
import { kindText, type Kinds } from './kinds';
import type { Boxes } from './layout';
import type { CharWidths } from './text';
import { isWithin, type Tree } from './tree';

export interface Scene {
  readonly tree: Tree;
  readonly boxes: Boxes;
  readonly kinds: Kinds;
  readonly palette: Palette;
  readonly widths: CharWidths;
  readonly font: string;
  readonly rowHeight: number;
  /** Size of the canvas, CSS pixels. */
  readonly width: number;
  readonly height: number;
  readonly pixelRatio: number;
  /** Top edge of a row on the canvas. */
  top(depth: number): number;
  readonly zoomed: number;
  /** For each function id whether a search has found it; undefined: no search. */
  readonly found: Uint8Array | undefined;
  labelOf(node: number): string;
  /** Where it is defined, short; '' where that is not known. Shown where there is room for it. */
  placeOf(node: number): string;
}

const LABEL_MIN_WIDTH = 22;
/** Less of a name says nothing: the marker makes way for it. */
const NAME_MIN_WIDTH = 30;
const PADDING = 4;
const PLACE_GAP = 10;

export function draw(context: CanvasRenderingContext2D, scene: Scene): void {
  const { boxes, width, height, pixelRatio, rowHeight } = scene;
  context.setTransform(pixelRatio, 0, 0, pixelRatio, 0, 0);
  context.fillStyle = scene.palette.background;
  context.fillRect(0, 0, width, height);
  context.font = scene.font;
  context.textBaseline = 'middle';
  // Rectangles first and labels after them: each change of colour costs, and so there are fewer.
  let fill = scene.palette.background;
  for (let box = 0; box < boxes.count; box++) {
    const node = boxes.nodes[box]!;
    const top = scene.top(scene.tree.depths[node]!);
    if (top >= height || top + rowHeight <= 0) continue;
    const left = Math.max(0, boxes.lefts[box]!);
    const right = Math.min(width, boxes.lefts[box]! + boxes.widths[box]!);
    const colours = coloursOf(scene, node);
    const wanted = colours.fills[shadeOf(scene.tree.functions[node]!)]!;
    // The context makes a new string of fillStyle at each reading.
    if (wanted !== fill) context.fillStyle = fill = wanted;
    drawBox(context, scene, colours, left, top, right - left);
  }
  for (let box = 0; box < boxes.count; box++) {
    if (boxes.widths[box]! < LABEL_MIN_WIDTH) continue;
    const node = boxes.nodes[box]!;
    const top = scene.top(scene.tree.depths[node]!);
    if (top >= height || top + rowHeight <= 0) continue;
    const left = Math.max(0, boxes.lefts[box]!);
    const right = Math.min(width, boxes.lefts[box]! + boxes.widths[box]!);
    if (right - left < LABEL_MIN_WIDTH) continue;
    drawLabel(context, scene, node, left, top, right - left - 1);
  }
}

function drawBox(
  context: CanvasRenderingContext2D,
  scene: Scene,
  colours: KindColours,
  left: number,
  top: number,
  width: number,
): void {
  // A gap to the right tells neighbours apart; where there is no room for it, their shades have to.
  const inner = width > 3 ? width - 1 : Math.max(width, 0.5);
  const high = scene.rowHeight - 1;
  context.fillRect(left, top, inner, high);
  if (width < 4) return;
  if (colours.hatched) hatch(context, scene, left, top, inner, high);
  if (colours.border === undefined) return;
  context.strokeStyle = colours.border;
  context.lineWidth = 1;
  context.strokeRect(left + 0.5, top + 0.5, inner - 1, high - 1);
}

function coloursOf(scene: Scene, node: number): KindColours {
  const { tree, palette, found, zoomed } = scene;
  const dim =
    found !== undefined
      ? found[tree.functions[node]!] !== 1
      : node !== zoomed && isWithin(tree, zoomed, node);
  if (node === 0) return palette.root;
  const kind = tree.kinds[node]!;
  return (dim ? palette.dimmed : palette.kinds)[kind] ?? palette.root;
}

function drawLabel(
  context: CanvasRenderingContext2D,
  scene: Scene,
  node: number,
  left: number,
  top: number,
  width: number,
): void {
  const room = width - 2 * PADDING;
  const middle = top + scene.rowHeight / 2;
  const colours = coloursOf(scene, node);
  context.fillStyle = colours.text;
  const { marker } = node === 0 ? { marker: '' } : kindText(scene.kinds, scene.tree.kinds[node]!);
  const label = scene.labelOf(node);
  const suffix = marker === '' ? '' : ` ${marker}`;
  // The marker stays when the name is cut: it is what tells kinds apart without colour.
  const nameRoom = room - scene.widths.total(suffix, room);
  if (nameRoom < NAME_MIN_WIDTH) {
    context.fillText(scene.widths.cut(label, room), left + PADDING, middle);
    return;
  }
  const cut = scene.widths.cut(label, nameRoom);
  const name = cut + suffix;
  context.fillText(name, left + PADDING, middle);
  if (cut !== label) return;
  const used = scene.widths.total(name, room) + PLACE_GAP;
  const place = scene.placeOf(node);
  if (place === '' || scene.widths.total(place, room - used) === Infinity) return;
  context.globalAlpha = colours.border === undefined ? 0.8 : 1;
  context.fillText(place, left + PADDING + used, middle);
  context.globalAlpha = 1;
}

const HATCH_STEP = 6;

function hatch(
  context: CanvasRenderingContext2D,
  scene: Scene,
  left: number,
  top: number,
  width: number,
  height: number,
): void {
  context.strokeStyle = scene.palette.hatch;
  context.lineWidth = 1;
  context.beginPath();
  for (let x = left - height; x < left + width; x += HATCH_STEP) {
    const from = Math.max(x, left);
    const to = Math.min(x + height, left + width);
    context.moveTo(from, top + height - (from - x));
    context.lineTo(to, top + height - (to - x));
  }
  context.stroke();
}
