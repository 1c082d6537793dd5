export { openCatalogue } from './genai-prices.ts';
export { createPriceHandlers } from './price-handlers.ts';
export { createPriceReader } from './price-reader.ts';
export { createReconcileHandlers } from './reconcile.ts';
export { createRepricingHandlers, startRepricingWorker } from './repricing.ts';
