export * from './predict-world.ts';
