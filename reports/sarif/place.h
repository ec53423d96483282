#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace stored::reports::sarif {

// Where in a log the reader is: "runs[0].results[12].message". Each array and object that is being
// walked has a step. To keep it costs next to nothing; only a warning spells it out.
class Place {
 public:
  struct Step {
    static constexpr size_t kNoIndex = static_cast<size_t>(-1);
    // A property, or where it is an element its index. Neither before the first.
    std::string_view key;
    size_t index = kNoIndex;
  };

  // The walk of one array or object: adds a step, which is gone when the walk ends.
  class Walk {
   public:
    explicit Walk(Place& place) : steps_(place.steps_) { steps_.emplace_back(); }
    Walk(const Walk&) = delete;
    Walk& operator=(const Walk&) = delete;
    ~Walk() { steps_.pop_back(); }

    // `key` must outlive the walk, or the next call.
    void At(std::string_view key) { steps_.back() = {key, Step::kNoIndex}; }
    void At(size_t index) { steps_.back() = {{}, index}; }

   private:
    std::vector<Step>& steps_;
  };

  // Reads on at the root of another text, which is the element `index` of the log's `key`. The
  // place is where it was when the detour ends.
  class Detour {
   public:
    Detour(Place& place, std::string_view key, size_t index)
        : place_(place), steps_(std::exchange(place.steps_, {})) {
      place_.steps_.push_back({key, Step::kNoIndex});
      place_.steps_.push_back({{}, index});
    }
    Detour(const Detour&) = delete;
    Detour& operator=(const Detour&) = delete;
    ~Detour() { place_.steps_ = std::move(steps_); }

   private:
    Place& place_;
    std::vector<Step> steps_;
  };

  // Long keys are cut. Empty at the root.
  std::string ToString() const;

 private:
  std::vector<Step> steps_;
};

}  // namespace stored::reports::sarif
