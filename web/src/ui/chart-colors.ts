/** Chart categories, told apart under every colour vision we test; vega needs them as values. */
export const CHART_COLORS = {
  light: ['#1F5FBF', '#F25D7A', '#575513', '#B97ADC', '#1E4936', '#75226A', '#4F8928', '#9B5A79'],
  dark: ['#82B1FF', '#92602F', '#DA7FAC', '#84A445', '#9147BF', '#D2D649', '#43716C', '#4BEEC2'],
} as const;
