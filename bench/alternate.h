#pragma once

#include <algorithm>

#include "absl/status/statusor.h"
#include "base/status.h"

namespace stored::bench {

struct Pair {
  double figure = 0;
  double floor = 0;
};

enum class Better { kMore, kLess };

// Measures figure, floor, figure, floor, ..., so that disturbances of the machine affect both
// alike. Returns the best of each. `figure` and `floor` return absl::StatusOr<double>.
template <typename Figure, typename Floor>
absl::StatusOr<Pair> Alternate(int repeats, Better better, Figure figure, Floor floor) {
  const auto best = [better](double a, double b) {
    return better == Better::kMore ? std::max(a, b) : std::min(a, b);
  };
  Pair pair;
  for (int i = 0; i < repeats; ++i) {
    STORED_ASSIGN_OR_RETURN(const double one, figure());
    STORED_ASSIGN_OR_RETURN(const double other, floor());
    pair.figure = i == 0 ? one : best(pair.figure, one);
    pair.floor = i == 0 ? other : best(pair.floor, other);
  }
  return pair;
}

}  // namespace stored::bench
