// SPDX-License-Identifier: MIT
// The public interface for whoever embeds a machine (README, "Embedding").

export { Actor, type ActorResult } from "./actor.ts";
export * from "./errors.ts";
export { shellStatus, type ExitStatus } from "./exit-status.ts";
export type { FileStat } from "./file-stat.ts";
export { inspectionText, tasksOf, type FileView, type TaskView, type TemplateView } from "./inspection.ts";
export { directory, file, type ImageEntry, type ImageMount } from "./image.ts";
export { loadKernel, type KernelModule } from "./kernel-module.ts";
export { Machine } from "./machine.ts";
export type * from "./machine-types.ts";
export { callName, errnoName, signalName } from "./names.ts";
export { PROFILE_NAMES, quirkNames, type ProfileName } from "./profiles.ts";
export type { Snapshot } from "./snapshot.ts";
export { Timeline, type Step, type TimelineOptions } from "./timeline.ts";
export type * from "./trace/record.ts";
export { TRACE_FORMATS, Tracer, type TraceFormat } from "./trace/tracer.ts";
