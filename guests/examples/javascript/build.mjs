// Makes a component of extractor.js that imports nothing: every feature that would need the host is off.
import { componentize } from '@bytecodealliance/componentize-js';
import { mkdir, readFile, writeFile } from 'node:fs/promises';

const { component, imports } = await componentize({
  sourcePath: 'extractor.js',
  witPath: '../../../wit/extractor.wit',
  worldName: 'extractor',
  disableFeatures: ['stdio', 'random', 'clocks', 'http', 'fetch-event'],
});
if (imports.length > 0) throw new Error(`the component imports ${JSON.stringify(imports)}; it must import nothing`);
await mkdir('target', { recursive: true });
await writeFile('target/extractor.wasm', component);
console.log(`target/extractor.wasm: ${component.length} bytes, imports nothing`);
