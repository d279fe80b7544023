// SPDX-License-Identifier: MIT
// The messages of sendmsg(2) and recvmsg(2), as much of them as descriptors need to travel (unix(7), SCM_RIGHTS):
//
//   sendmsg(s, {data: "x", fds: [t]})      recvmsg(s, {data: &text, size: 16, fds: &[a, b]})
//
//   msghdr 56: 0 name, 8 namelen u32, 16 iov, 24 iovlen, 32 control, 40 controllen, 48 flags s32      iovec 16: 0 base, 8 len
//   cmsghdr 16: 0 len u64, 8 level s32, 12 type s32, then the descriptors, s32 each

import { SCM_RIGHTS, SOL_SOCKET } from "../../../kernel/abi/socket.ts";
import type { Encoder, Kind, View } from "./encode.ts";
import { bytesOf, concat, plain } from "./kinds.ts";
import type { Value } from "./syntax.ts";
import { text } from "./views.ts";

const CONTROL_HEADER = 16;
const DEFAULT_SIZE = 64n;

export const message: Kind = {
  encode(value, encoder) {
    if (value.kind !== "struct") return plain.encode(value, encoder);
    const { data, fds } = fieldsOf(value, ["data", "fds"], encoder);
    if (data?.kind !== "string") throw encoder.error(data ?? value, "data: a string");
    const bytes = encoder.string(data);
    const control = fds === undefined ? new Uint8Array(0) : controlMessage(fds, encoder);
    const at = control.length === 0 ? 0n : encoder.place(control, value);
    return header(encoder.place(bytes, data), BigInt(bytes.length), at, control.length, value, encoder);
  },
};

export const receivedMessage: Kind = {
  encode(value, encoder) {
    if (value.kind !== "struct") return plain.encode(value, encoder);
    const { data, size, fds } = fieldsOf(value, ["data", "size", "fds"], encoder);
    const wanted = size === undefined ? DEFAULT_SIZE : encoder.integer(size);
    if (data?.kind !== "output") throw encoder.error(data ?? value, "data: & and a name");
    const base = encoder.output(data, { size: Number(wanted), values: () => [], show: text });
    if (fds === undefined) return header(base, wanted, 0n, 0, value, encoder);
    if (fds.kind !== "output") throw encoder.error(fds, "fds: & and names");
    const view = descriptorsView(fds.names.length);
    return header(base, wanted, encoder.output(fds, view), view.size, value, encoder);
  },
};

/** The descriptors of a received control message; fewer than there are names if fewer came. */
function descriptorsView(count: number): View {
  const values = (bytes: DataView): bigint[] => {
    const arrived = Math.max(0, Math.min(count, (Number(bytes.getBigUint64(0, true)) - CONTROL_HEADER) / 4));
    return Array.from({ length: arrived }, (_, index) => BigInt(bytes.getInt32(CONTROL_HEADER + index * 4, true)));
  };
  return { size: CONTROL_HEADER + ((count * 4 + 7) & ~7), values, show: (bytes) => String(values(bytes)[0] ?? "none") };
}

function controlMessage(fds: Value, encoder: Encoder): Uint8Array {
  if (fds.kind !== "list") throw encoder.error(fds, "fds: a list of descriptors");
  const numbers = fds.items.map((fd) => bytesOf(encoder.integer(fd), 4));
  const head = [bytesOf(BigInt(CONTROL_HEADER + numbers.length * 4), 8), bytesOf(BigInt(SOL_SOCKET), 4), bytesOf(BigInt(SCM_RIGHTS), 4)];
  return concat([...head, ...numbers, new Uint8Array((numbers.length % 2) * 4)]);
}

function header(base: bigint, length: bigint, control: bigint, controlLength: number, value: Value, encoder: Encoder): bigint {
  const vector = encoder.place(concat([bytesOf(base, 8), bytesOf(length, 8)]), value);
  return encoder.place(concat([0n, 0n, vector, 1n, control, BigInt(controlLength), 0n].map((word) => bytesOf(word, 8))), value);
}

function fieldsOf<Name extends string>(value: Extract<Value, { kind: "struct" }>, known: readonly Name[], encoder: Encoder): Partial<Record<Name, Value>> {
  const unknown = value.fields.find(({ name }) => !known.includes(name as Name));
  if (unknown) throw encoder.error(unknown, `one of the fields ${known.join(", ")}`);
  return Object.fromEntries(value.fields.map(({ name, value }) => [name, value])) as Partial<Record<Name, Value>>;
}
