/** Packs the program of pods' first container to an image archive. usage: pause-image.ts PROGRAM NAME OUT.tar */
import { readFileSync, writeFileSync } from 'node:fs';
import { packImage } from '../pack-image';

const [program = '', name = '', out = ''] = process.argv.slice(2);
const files = [{ path: 'pause', content: readFileSync(program), mode: 0o755 }];
writeFileSync(out, packImage([files], { entrypoint: ['/pause'] }).ociArchive(name));
