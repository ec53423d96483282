export function duplicate(list) {
  let total = 0
  for (let i = 0; i < list.length; i++) {
    if (list[i] > 10) { total += list[i] } else { total -= list[i] }
  }
  console.log('total is ' + total)
  return total
}
