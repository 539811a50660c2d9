// The app's program is a binary that npm installed. This runs it, for the tests.
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import path from "node:path";

const app = path.dirname(path.dirname(fileURLToPath(import.meta.url)));

/** Runs fftconnect with arguments and gives what it prints. */
export function run(args, env = {}) {
  const program = path.join(app, "node_modules", ".bin", "fftconnect");
  return execFileSync(program, args, { cwd: app, env: { ...process.env, ...env }, encoding: "utf8" });
}
