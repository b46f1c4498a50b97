export { installSignatures } from './install.js';
