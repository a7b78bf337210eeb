/** How the error of a share is explained. */

export const ERROR_HINT =
  'The share that was measured by samples is in truth between these, in 95 of 100 cases, in percent';

export const TIE_HINT =
  '≈: the samples do not tell whether this row or the next larger one is the larger';
