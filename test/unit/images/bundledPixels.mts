/** Bundled by a test as the product is: has a drawing with a style looked at, and tells what was seen. */
import { workOnPixels } from '../../../src/engine/images/pixelPool.ts';

const drawing =
  '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="20"><style>rect { fill: red }</style><rect width="9" height="9"/></svg>';
const { type, width, height } = await workOnPixels('inspect', { bytes: Buffer.from(drawing), maxSide: 64 });
console.log(JSON.stringify({ type, width, height }));
