// SPDX-License-Identifier: MIT
// Tables that hold in every profile: a row says what is expected, once or per profile.

export const PROFILES = ["documented", "rfc-v1", "patch-06"] as const;
export type ProfileName = (typeof PROFILES)[number];

/** One value for all profiles, or one for each. */
export type PerProfile<T> = T | Readonly<Record<ProfileName, T>>;

export function inProfile<T>(value: PerProfile<T>, profile: ProfileName): T {
  const isPerProfile = typeof value === "object" && value !== null && "documented" in value;
  return isPerProfile ? (value as Readonly<Record<ProfileName, T>>)[profile] : (value as T);
}

/** A value for the documented profile and another one for the series' literal code. */
export function literal<T>(documented: T, series: T): Readonly<Record<ProfileName, T>> {
  return { documented, "rfc-v1": series, "patch-06": series };
}

/** A value for the whole series, and another one for patch 06 alone. */
export function seed<T>(whole: T, alone: T): Readonly<Record<ProfileName, T>> {
  return { documented: whole, "rfc-v1": whole, "patch-06": alone };
}
