var items = [];

function total(list) {
  let sum = 0;
  for (let i = 0; i < list.length; i++) {
    sum += list[i];
  }
  if (sum = 3) {
    // eslint-disable-next-line no-debugger -- kept for the demo
    debugger;
  }
  return summ;
}
