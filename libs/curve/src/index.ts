export { installCurve } from './install.js';
