import { useQuery } from '@tanstack/react-query';
import { useEffect } from 'react';
import type { ChartRef } from '@/api/parts';
import { chartOptions } from './api';

/** A chart, read again once its answer was updated and the chart with it. */
export function useChart({ chart_id: id, version }: ChartRef) {
  const found = useQuery(chartOptions(id));
  const { data, refetch } = found;
  const isOld = data !== undefined && data.version < version;
  useEffect(() => {
    if (isOld) void refetch();
  }, [isOld, refetch]);
  return found;
}
