#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

namespace stored::reports::sarif {

// Where in a log the reader is: "runs[0].results[12].message". Each array and object that is being
// walked has a step. To keep it costs next to nothing; only a warning spells it out.
class Place {
 public:
  // The walk of one array or object, or a step into it: a place on the way, which is left when the
  // walk ends. Walks live on the stack, each within the one before.
  class Walk {
   public:
    explicit Walk(Place& place) : place_(place), outer_(place.innermost_) {
      place.innermost_ = this;
    }
    Walk(const Walk&) = delete;
    Walk& operator=(const Walk&) = delete;
    ~Walk() { place_.innermost_ = outer_; }

    // At a property; `key` must outlive the walk, or the next call.
    void At(std::string_view key) { key_ = key; }
    // At an element.
    void At(size_t index) { index_ = index; }

   private:
    friend class Place;
    static constexpr size_t kNoIndex = static_cast<size_t>(-1);

    Place& place_;
    Walk* const outer_;
    std::string_view key_;
    size_t index_ = kNoIndex;
  };

  // Reads on at the root of another text, which is the element `index` of the log's `key`. The
  // place is where it was when the detour ends.
  class Detour {
   public:
    Detour(Place& place, std::string_view key, size_t index)
        : way_back_(place), property_(place), element_(place) {
      property_.At(key);
      element_.At(index);
    }

   private:
    // Before the walks, and so destroyed after them.
    class WayBack {
     public:
      explicit WayBack(Place& place)
          : place_(place), before_(std::exchange(place.innermost_, nullptr)) {}
      WayBack(const WayBack&) = delete;
      WayBack& operator=(const WayBack&) = delete;
      ~WayBack() { place_.innermost_ = before_; }

     private:
      Place& place_;
      Walk* const before_;
    };

    WayBack way_back_;
    Walk property_;
    Walk element_;
  };

  // Long keys are cut. Empty at the root.
  std::string ToString() const;

 private:
  Walk* innermost_ = nullptr;
};

}  // namespace stored::reports::sarif
