export { createPriceReader } from './price-reader.ts';
