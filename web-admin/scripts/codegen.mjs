// Types for every graphql(`…`) document in src/, from schema/admin.graphql: what the codegen CLI's client
// preset writes, without the two hundred packages the CLI brings along. SCHEMA names another schema file.
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { preset } from "@graphql-codegen/client-preset";
import { codegen } from "@graphql-codegen/core";
import { parse } from "graphql";

const root = join(import.meta.dirname, "..");
const out = join(root, "src/gql");
const schema = parse(readFileSync(process.env.SCHEMA ?? join(root, "../schema/admin.graphql"), "utf8"));

const documents = readdirSync(join(root, "src"), { recursive: true })
  .filter((file) => /\.tsx?$/.test(file) && !file.startsWith("gql"))
  .sort()
  .flatMap((file) =>
    [...readFileSync(join(root, "src", file), "utf8").matchAll(/\bgraphql\(`([^`]*)`\)/g)].map(([, rawSDL]) => ({
      location: file,
      document: parse(rawSDL),
      rawSDL,
    })),
  );

const sections = await preset.buildGeneratesSection({
  baseOutputDir: `${out}/`,
  schema,
  documents,
  config: {
    documentMode: "string",
    useTypeImports: true,
    enumType: "string-literal",
    strictScalars: true,
    scalars: { Long: "number", DateTime: "string" },
  },
  presetConfig: { fragmentMasking: false },
  pluginMap: {},
  plugins: [],
});

rmSync(out, { recursive: true, force: true });
for (const section of sections) {
  mkdirSync(dirname(section.filename), { recursive: true });
  writeFileSync(section.filename, await codegen(section));
}
console.log(`codegen: ${documents.length} documents → src/gql`);
