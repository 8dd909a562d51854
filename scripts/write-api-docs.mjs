// Writes docs/openapi.json and docs/asyncapi.json from the schemas that the server validates with: npm run docs:api
import { writeFile } from 'node:fs/promises';
import { asyncApiDocument } from '../server/api-docs/asyncapi.ts';
import { openApiDocument } from '../server/api-docs/openapi.ts';

const docs = new URL('../docs/', import.meta.url);
for (const [file, document] of [
  ['openapi.json', openApiDocument()],
  ['asyncapi.json', asyncApiDocument()],
]) {
  await writeFile(new URL(file, docs), `${JSON.stringify(document, null, 2)}\n`);
}
