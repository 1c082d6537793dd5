import type { DatasetBody, DatasetJobBody, DatasetVersionBody, ExampleBody } from '@wheelhouse/core/contract';
import type { Dataset, DatasetJob, DatasetVersion, Example } from '@wheelhouse/core/records';

export const datasetBody = (dataset: Dataset): DatasetBody => dataset;

export const versionBody = (version: DatasetVersion): DatasetVersionBody => version;

export const exampleBody = ({ place: _, ...example }: Example): ExampleBody => example;

export const jobBody = ({ progress, ...job }: DatasetJob): DatasetJobBody => {
  const { place: _, ...counts } = progress;
  return { ...job, ...counts };
};
