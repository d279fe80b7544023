// SPDX-License-Identifier: MIT
// Following a path name to a place (path_resolution(7)), component by component: search permission, symbolic links, "..", mounts,
// the restrictions of openat2(2). It changes nothing. Calls that need the last component themselves (to create or remove it) stop
// before it. Strings are kernel memory. One walk is under way at a time: a Walk at its end keeps its result while another goes on.

import { ELOOP, ENOENT, ENOTDIR, EXDEV } from "../abi/errno.ts";
import { RESOLVE_BENEATH, RESOLVE_IN_ROOT, RESOLVE_NO_MAGICLINKS, RESOLVE_NO_SYMLINKS, RESOLVE_NO_XDEV } from "../abi/fcntl.ts";
import { File } from "../file/file.ts";
import { failure } from "../lib/failure.ts";
import { MAX_LINKS, PATH_MAX } from "../lib/limits.ts";
import { Credentials } from "./credentials.ts";
import { Dentry } from "./dentry.ts";
import { FsContext } from "./fs-context.ts";
import { Inode } from "./inode.ts";
import { Mount, mountAt } from "./mount.ts";
import { Path } from "./path.ts";
import { MAY_EXEC, permission } from "./permission.ts";

const SLASH: u8 = 0x2f;
const DOT: u8 = 0x2e;

// Walk.lastKind
export const LAST_NORMAL = 0;
export const LAST_DOT = 1;
export const LAST_DOTDOT = 2;
/** The path was nothing but slashes. */
export const LAST_ROOT = 3;

/** start(): a symbolic link at the end is followed. */
export const FOLLOW: u32 = 1 << 31;
/** start(): the empty path names the base itself (AT_EMPTY_PATH). */
export const EMPTY_OK: u32 = 1 << 30;
/** start(): the result must be a directory. */
export const DIRECTORY: u32 = 1 << 29;

export class Walk {
  /** Where the walk is: references of its own until reset(). */
  mount: Mount | null = null;
  dentry: Dentry | null = null;
  /** A magic link led to a file without a path (owned); mount and dentry say nothing then. */
  file: File | null = null;
  /** The last component, after toLast(): in kernel memory. */
  last: usize = 0;
  lastLength: i32 = 0;
  lastKind: i32 = LAST_ROOT;
  /** The last component had slashes behind it, in whichever string it came. */
  hasTrailingSlash: bool = false;

  private flags: u32 = 0;
  private context!: FsContext;
  private who!: Credentials;
  /** Where ".." stops and absolute links lead: the base with BENEATH and IN_ROOT. */
  private rootMount!: Mount;
  private rootDentry!: Dentry;
  private knowsRoot: bool = false;
  private rest: usize = 0;
  private links: i32 = 0;
  /** How many strings are interrupted by a link: their rests are in SAVED, string n of the links in LINKS. */
  private depth: i32 = 0;
  /** Whether the last step entered a link: its string is to be read next. */
  private atLink: bool = false;

  get inode(): Inode {
    return this.dentry!.inode;
  }

  /** Whether the last step entered a link: toLast() comes next. */
  get isAtLink(): bool {
    return this.atLink;
  }

  /** Follows a path to its end: 0, then mount and dentry (or file) are the result; or -errno. reset() in any case. */
  walk(context: FsContext, who: Credentials, base: Path | null, name: usize, flags: u32): i32 {
    let outcome = this.start(context, who, base, name, flags);
    while (outcome == 0) {
      outcome = this.toLast();
      if (outcome == 0) outcome = this.stepLast();
      if (outcome != AGAIN) break;
      outcome = 0;
    }
    return outcome == 0 ? this.complete() : outcome;
  }

  /** Follows a path up to its last component: 0, then mount and dentry are the directory, last* the name; or -errno. */
  walkParent(context: FsContext, who: Credentials, base: Path | null, name: usize): i32 {
    const outcome = this.start(context, who, base, name, 0);
    return outcome == 0 ? this.toLast() : outcome;
  }

  /** Begins a walk at `base` (null: the working directory). `flags`: RESOLVE_* of openat2(2) and FOLLOW, EMPTY_OK, DIRECTORY. */
  start(context: FsContext, who: Credentials, base: Path | null, name: usize, flags: u32): i32 {
    this.reset();
    const isScoped = (flags & (RESOLVE_BENEATH | RESOLVE_IN_ROOT)) != 0;
    const from = base != null ? base : context.cwd;
    this.flags = flags;
    this.context = context;
    this.who = who;
    this.rest = name;
    this.rootMount = isScoped ? from.mount : context.root.mount;
    this.rootDentry = isScoped ? from.dentry : context.root.dentry;
    this.hasTrailingSlash = false;
    const first = load<u8>(name);
    this.knowsRoot = isScoped || first == SLASH;
    if (first == 0 && (flags & EMPTY_OK) == 0) return -ENOENT;
    if (first == SLASH && (flags & RESOLVE_BENEATH) != 0) return -EXDEV;
    const isAbsolute = first == SLASH;
    this.moveTo(isAbsolute ? this.rootMount : from.mount, isAbsolute ? this.rootDentry : from.dentry);
    return first != 0 && !this.inode.isDirectory ? -ENOTDIR : 0;
  }

  /** Goes on until one component is left in `last`. */
  toLast(): i32 {
    while (true) {
      while (load<u8>(this.rest) == SLASH) this.rest++;
      if (load<u8>(this.rest) == 0) {
        if (this.depth > 0) {
          this.restoreRest();
          continue;
        }
        this.lastKind = LAST_ROOT;
        return 0;
      }
      const denied = permission(this.inode, this.who, MAY_EXEC);
      if (denied != 0) return denied;
      this.takeComponent();
      if (this.isAtEnd()) return 0;
      const outcome = this.step(true);
      if (outcome != 0) return outcome;
      if (this.file != null || (!this.atLink && !this.inode.isDirectory)) return -ENOTDIR;
    }
  }

  /** Steps to the last component, as walk() does: 0, -errno, or AGAIN when that was a link to follow: toLast() comes next. */
  stepLast(): i32 {
    if (this.lastKind == LAST_ROOT) return 0;
    const follows = (this.flags & FOLLOW) != 0 || this.hasTrailingSlash;
    const outcome = this.step(follows);
    return outcome == 0 && this.atLink ? AGAIN : outcome;
  }

  /** The checks at the end of a walk. */
  complete(): i32 {
    if (this.file != null) return this.hasTrailingSlash || (this.flags & DIRECTORY) != 0 ? -ENOTDIR : 0;
    if ((this.hasTrailingSlash || (this.flags & DIRECTORY) != 0) && !this.inode.isDirectory) return -ENOTDIR;
    return 0;
  }

  /** The result as a path of the caller's. Needs an admit(). */
  toPath(): Path {
    return new Path(this.mount!, this.dentry!);
  }

  /** A walk that ends at an open file without a path. */
  endAt(file: File): void {
    this.reset();
    file.retain();
    this.file = file;
  }

  /** A walk that ends where it starts. */
  endAtPath(path: Path): void {
    this.reset();
    this.hasTrailingSlash = false;
    this.moveTo(path.mount, path.dentry);
  }

  /** Drops what the walk holds. */
  reset(): void {
    const mount = this.mount;
    const dentry = this.dentry;
    const file = this.file;
    this.mount = null;
    this.dentry = null;
    this.file = null;
    if (dentry != null) dentry.release();
    if (mount != null) mount.release();
    if (file != null) file.release();
    this.depth = 0;
    this.links = 0;
    this.atLink = false;
  }

  // Steps

  /** Cuts the next component off `rest` into last*. */
  private takeComponent(): void {
    const start = this.rest;
    let end = start;
    while (load<u8>(end) != SLASH && load<u8>(end) != 0) end++;
    const length = end - start;
    this.last = start;
    this.lastLength = <i32>length;
    this.lastKind = LAST_NORMAL;
    if (load<u8>(start) == DOT) {
      if (length == 1) this.lastKind = LAST_DOT;
      else if (length == 2 && load<u8>(start, 1) == DOT) this.lastKind = LAST_DOTDOT;
    }
    this.rest = end;
  }

  /** Whether nothing but slashes follows, in this string and in those around it. */
  private isAtEnd(): bool {
    if (this.depth > 0) return false;
    let at = this.rest;
    while (load<u8>(at) == SLASH) at++;
    if (load<u8>(at) != 0) return false;
    if (at != this.rest) this.hasTrailingSlash = true;
    this.rest = at;
    return true;
  }

  private step(follows: bool): i32 {
    this.atLink = false;
    if (this.lastKind == LAST_DOT) return 0;
    if (this.lastKind == LAST_DOTDOT) return this.stepUp();
    const directory = this.dentry!;
    const entry = directory.inode.lookup(directory, this.last, this.lastLength);
    if (entry == null) return <i32>failure;
    return this.enter(entry, follows);
  }

  /** Steps to an entry found in the current directory, whose reference it takes over: over mounts, through a link. */
  enter(entry: Dentry, follows: bool): i32 {
    this.atLink = false;
    if (follows && entry.inode.isSymlink) {
      const outcome = this.followLink(entry);
      entry.release();
      return outcome;
    }
    const old = this.dentry!;
    this.dentry = entry;
    old.release();
    return this.crossMounts();
  }

  private crossMounts(): i32 {
    let over = mountAt(this.mount!, this.dentry!);
    while (over != null) {
      if ((this.flags & RESOLVE_NO_XDEV) != 0) return -EXDEV;
      this.moveTo(over, over.root);
      over = mountAt(over, over.root);
    }
    return 0;
  }

  private stepUp(): i32 {
    this.knowsRoot = true;
    let mount = this.mount!;
    let dentry = this.dentry!;
    while (dentry != this.rootDentry || mount != this.rootMount) {
      if (dentry != mount.root) return this.moveUp(mount, dentry);
      const above = mount.parent;
      const mountpoint = mount.mountpoint;
      if (above == null || mountpoint == null) return 0;
      if ((this.flags & RESOLVE_NO_XDEV) != 0) return -EXDEV;
      mount = above;
      dentry = mountpoint;
    }
    return (this.flags & RESOLVE_BENEATH) != 0 ? -EXDEV : 0;
  }

  private moveUp(mount: Mount, dentry: Dentry): i32 {
    const parent = dentry.parent;
    if (parent == null) return 0;
    // A directory that was renamed out of the part that a bind mount shows has no parent there.
    if (mount.root.parent != null && !parent.isWithin(mount.root)) return -ENOENT;
    this.moveTo(mount, parent);
    return this.crossMounts();
  }

  private followLink(entry: Dentry): i32 {
    if ((this.flags & RESOLVE_NO_SYMLINKS) != 0) return -ELOOP;
    if (++this.links > MAX_LINKS) return -ELOOP;
    const inode = entry.inode;
    if (inode.isMagic) return this.jump(inode);
    const keepsRest = load<u8>(this.rest) != 0;
    const string = LINKS + <usize>(keepsRest ? this.depth + 1 : this.depth) * PATH_MAX;
    const length = inode.readLink(string);
    if (length < 0) return length;
    if (length == 0) return -ENOENT;
    store<u8>(string + <usize>length, 0);
    inode.accessed();
    if (keepsRest) this.saveRest();
    return this.beginLink(string);
  }

  /** Goes on with a link's string; what is left of the string around it comes later. */
  private beginLink(string: usize): i32 {
    this.rest = string;
    this.atLink = true;
    if (load<u8>(string) != SLASH) return 0;
    if ((this.flags & RESOLVE_BENEATH) != 0) return -EXDEV;
    // As long as neither an absolute path nor ".." has made Linux look at the root, it takes it to be on another mount.
    const isElsewhere = !this.knowsRoot || this.mount != this.rootMount;
    if ((this.flags & RESOLVE_NO_XDEV) != 0 && isElsewhere) return -EXDEV;
    this.knowsRoot = true;
    this.moveTo(this.rootMount, this.rootDentry);
    return 0;
  }

  private saveRest(): void {
    store<usize>(SAVED + (<usize>this.depth << 2), this.rest);
    this.depth++;
  }

  private restoreRest(): void {
    this.depth--;
    this.rest = load<usize>(SAVED + (<usize>this.depth << 2));
  }

  /** Follows a magic link. */
  private jump(inode: Inode): i32 {
    if ((this.flags & RESOLVE_NO_MAGICLINKS) != 0) return -ELOOP;
    const path = inode.jump(this.who);
    const file = path == null ? inode.jumpFile(this.who) : null;
    if (path == null && file == null) return <i32>failure;
    if ((this.flags & (RESOLVE_BENEATH | RESOLVE_IN_ROOT)) != 0) {
      if (path != null) path.release();
      return -EXDEV;
    }
    if (path == null) {
      file!.retain();
      this.file = file;
      return 0;
    }
    const isElsewhere = path.mount != this.mount;
    if (isElsewhere && (this.flags & RESOLVE_NO_XDEV) != 0) {
      path.release();
      return -EXDEV;
    }
    this.moveTo(path.mount, path.dentry);
    path.release();
    return 0;
  }

  private moveTo(mount: Mount, dentry: Dentry): void {
    mount.retain();
    dentry.retain();
    const oldMount = this.mount;
    const oldDentry = this.dentry;
    this.mount = mount;
    this.dentry = dentry;
    if (oldDentry != null) oldDentry.release();
    if (oldMount != null) oldMount.release();
  }
}

/** stepLast(): a link was entered. */
export const AGAIN = 1;

/** For calls with one path, and for the second path of calls with two. */
export const walk = new Walk();
export const walk2 = new Walk();

const SAVED = memory.data(4 * 40, 4);
/** Link strings, PATH_MAX bytes each: as many as links can be nested, and one that nests in none. */
const LINKS = memory.data(41 * 4096);
