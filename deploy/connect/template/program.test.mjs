import assert from "node:assert/strict";
import { test } from "node:test";
import { run } from "./program.mjs";

// Made-up values of the form that a deployment has.
const settings = {
  CTP_PROJECT_KEY: "acme", CTP_CLIENT_ID: "client", CTP_CLIENT_SECRET: "not-a-secret",
  FFT_PROJECT_ID: "ocff-acme-prd", FFT_API_KEY: "not-a-key", FFT_API_USER: "connector@acme.example",
  FFT_API_PASSWORD: "not-a-password", JWT_SECRET: "not-a-secret-but-long-enough-to-be-taken",
};

test("the program runs", () => {
  assert.match(run(["version"]), /fftconnect/);
});

test("the app's own settings are complete", () => {
  const shown = JSON.parse(run(["--env-file", "connect.env", "config", "show", "--json"], settings));
  const value = (name) => shown.find((setting) => setting.name === name).value;
  assert.equal(value("EVENT_AUTH"), "none");
  assert.equal(value("SHUTDOWN_GRACE"), "8s");
});

test("a missing setting is named", () => {
  assert.throws(() => run(["--env-file", "connect.env", "config", "show"], { ...settings, JWT_SECRET: "" }), /JWT_SECRET/);
});
