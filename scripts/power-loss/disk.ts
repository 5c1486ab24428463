import { execFile } from "node:child_process";
import { mkdir, mkdtemp, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { setTimeout as delay } from "node:timers/promises";

const execute = promisify(execFile);
/** XFS refuses smaller ones; the file is sparse. */
const BYTES = 512 * 1024 * 1024;
const PATHS = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

const run = async (command: string, ...args: string[]): Promise<void> => {
  await execute(command, args, { env: { PATH: PATHS } });
};

/** A disk in a file, with a file system that forgets what was not synced when its power goes. */
export interface Disk {
  /** Where it is mounted. */
  folder: string;
  /** Cuts the power: from now on every write fails, and what was not synced is gone. */
  cut(): Promise<void>;
  /** Mounts it again; its journal settles what it had promised. */
  restore(): Promise<void>;
  remove(): Promise<void>;
}

async function unmount(folder: string): Promise<void> {
  for (let tries = 1; ; tries++)
    try {
      return await run("umount", folder);
    } catch (error) {
      if (tries === 50) throw error;
      await delay(100);
    }
}

/** @throws where the machine does not allow it: no root, no xfsprogs, no loop devices */
export async function makeDisk(): Promise<Disk> {
  const home = await mkdtemp(join(tmpdir(), "valence-disk-"));
  const image = join(home, "disk.img");
  const folder = join(home, "mounted");
  const mount = () => run("mount", "-o", "loop", image, folder);
  const remove = () => rm(home, { recursive: true, force: true });
  try {
    await mkdir(folder);
    await writeFile(image, "");
    await truncate(image, BYTES);
    await run("mkfs.xfs", "-q", "-f", image);
    await run("xfs_io", "-V");
    await mount();
  } catch (error) {
    await remove();
    throw error;
  }
  return {
    folder,
    cut: () => run("xfs_io", "-x", "-c", "shutdown", folder),
    async restore() {
      await unmount(folder);
      await mount();
    },
    async remove() {
      await unmount(folder);
      await remove();
    },
  };
}
