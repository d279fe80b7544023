// SPDX-License-Identifier: MIT
// npm run bench: each line compares with a peer that is measured in the same run, in turns (measure.ts). Exit status 0 unless
// something fails to run: numbers are for people to judge, a busy machine is no error.
//   npm run bench -- [--rounds N] [--only TEXT] [--json FILE]

import { writeFileSync } from "node:fs";
import { arch, cpus, loadavg, platform } from "node:os";
import { parseArgs } from "node:util";
import { ROWS, type Row } from "./rows.ts";
import type { Spread } from "./measure.ts";

const { rounds, only, json } = readOptions();
const before = loadavg()[0] ?? 0;
console.log(`${cpus().length} x ${cpus()[0]?.model.trim() ?? arch()}, ${platform()}, Node ${process.version}, load ${before.toFixed(1)}, ${rounds} rounds`);
console.log(`${"benchmark".padEnd(36)}${"here".padStart(20)}${"peer".padStart(20)}  ratio here / peer: median (low..high)`);

const rows: Row[] = [];
for (const { name, run } of ROWS) {
  if (only !== undefined && !name.includes(only)) continue;
  for (const row of await run(rounds)) {
    rows.push(row);
    print(row);
  }
}
const after = loadavg()[0] ?? 0;
console.log(`load afterwards ${after.toFixed(1)}`);
if (json !== undefined) {
  const machine = { cpu: cpus()[0]?.model, cpus: cpus().length, platform: platform(), node: process.version, load: [before, after] };
  writeFileSync(json, `${JSON.stringify({ machine, rounds, rows }, undefined, 2)}\n`);
}

function readOptions(): { rounds: number; only: string | undefined; json: string | undefined } {
  try {
    const { values } = parseArgs({ options: { rounds: { type: "string", default: "7" }, only: { type: "string" }, json: { type: "string" } } });
    if (!/^[1-9]\d{0,3}$/.test(values.rounds)) throw new Error(`--rounds: expected a number from 1 to 9999, found "${values.rounds}"`);
    return { rounds: Number(values.rounds), only: values.only, json: values.json };
  } catch (error) {
    console.error(`bench: ${(error as Error).message}`);
    process.exit(2);
  }
}

function print({ name, unit, ours, peer, peerName, ratio, cpuOurs, cpuPeer, cpuRatio, aim, note }: Row): void {
  line(name, unit, ours, peer, ratio);
  if (cpuRatio) line("  by CPU time", unit, cpuOurs, cpuPeer, cpuRatio);
  for (const text of [peerName && `peer: ${peerName}`, note, aim && `aim: ${aim}`]) if (text) console.log(`    ${text}`);
}

function line(name: string, unit: string, ours?: Spread, peer?: Spread, ratio?: Spread): void {
  const value = (spread?: Spread) => (spread ? `${number(spread.median)} ${unit}` : "").padStart(20);
  console.log(`${name.padEnd(36)}${value(ours)}${value(peer)}  ${ratio ? spread(ratio) : ""}`.trimEnd());
}

function spread({ median, low, high }: Spread): string {
  return low === high ? number(median) : `${number(median)} (${number(low)}..${number(high)})`;
}

function number(value: number): string {
  return value >= 1000 ? Math.round(value).toLocaleString("en") : value.toPrecision(3);
}
