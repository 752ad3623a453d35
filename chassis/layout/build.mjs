// Bundles style sheets and scripts into chassis/layout/static/dist: names carry a content hash, each file has a
// .gz beside it, and manifest.json (written last, by rename) says which name is the current one.
// Run from anywhere: node chassis/layout/build.mjs
import { createHash } from "node:crypto";
import { mkdir, readFile, readdir, rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import esbuild from "esbuild";
import { foundations } from "./source/foundations.mjs";

const here = path.dirname(fileURLToPath(import.meta.url));
const root = path.resolve(here, "../..");
const source = path.join(here, "source");
const dist = path.join(here, "static", "dist");

const tablerFoundations = {
  name: "tabler-foundations",
  setup(build) {
    build.onLoad({ filter: /@tabler[\\/]core[\\/]dist[\\/]css[\\/]tabler\.css$/ }, async ({ path: file }) => ({
      contents: foundations(await readFile(file, "utf8"), await ownStyles()),
      loader: "css",
    }));
  },
};

async function ownStyles() {
  const files = (await readdir(source, { recursive: true })).filter((name) => name.endsWith(".css"));
  return (await Promise.all(files.map((name) => readFile(path.join(source, name), "utf8")))).join("\n");
}

const common = {
  absWorkingDir: root,
  bundle: true,
  minify: true,
  write: false,
  metafile: true,
  legalComments: "none",
  outdir: dist,
  entryNames: "[name]-[hash]",
  chunkNames: "[name]-[hash]",
  assetNames: "[name]-[hash]",
  logLevel: "warning",
};

// The desks state their browsers (Tabler needs light-dark() and relative colours); the members' sheet must do on a
// telephone of 2018, so it is lowered for its own, older target.
const builds = await Promise.all([
  esbuild.build({
    ...common,
    entryPoints: ["desk.css", "desk.js"].map((name) => path.join(source, name)),
    format: "esm",
    splitting: true,
    target: ["chrome123", "firefox128", "safari17.5"],
    plugins: [tablerFoundations],
  }),
  esbuild.build({
    ...common,
    entryPoints: ["member.css", "letter.css"].map((name) => path.join(source, name)),
    target: ["chrome61", "firefox60", "safari11"],
  }),
]);

const files = new Map();
const manifest = { files: {}, sizes: {} };
for (const { outputFiles, metafile } of builds) {
  for (const { path: file, contents } of outputFiles) files.set(path.basename(file), contents);
  for (const [file, { entryPoint }] of Object.entries(metafile.outputs)) {
    if (entryPoint) manifest.files[path.basename(entryPoint)] = path.basename(file);
  }
}

await mkdir(dist, { recursive: true });
for (const [name, contents] of files) {
  const packed = gzipSync(contents, { level: 9 });
  manifest.sizes[name] = { plain: contents.length, gzip: packed.length };
  await writeFile(path.join(dist, name), contents);
  await writeFile(path.join(dist, `${name}.gz`), packed);
}
const text = JSON.stringify(manifest, null, 2) + "\n";
const draft = path.join(dist, `manifest-${createHash("sha256").update(text).digest("hex").slice(0, 8)}.tmp`);
await writeFile(draft, text);
await rename(draft, path.join(dist, "manifest.json"));

const current = new Set([...files.keys()].flatMap((name) => [name, `${name}.gz`]).concat("manifest.json"));
for (const name of await readdir(dist)) if (!current.has(name)) await rm(path.join(dist, name));

for (const [name, { plain, gzip }] of Object.entries(manifest.sizes)) {
  console.log(`${name.padEnd(28)} ${String(plain).padStart(8)} B  ${String(gzip).padStart(7)} B gzip`);
}
