#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

namespace stored::reports::sarif {

// The reader's place in a log, such as "runs[0].results[12].message". Each array and object that is
// being walked adds a step. Keeping the place costs next to nothing; only a warning turns it into
// text.
class Place {
 public:
  // A step of the place: the walk of one array or object, or a step into it. Its destructor removes
  // the step. Walks live on the stack and are nested.
  class Walk {
   public:
    explicit Walk(Place& place) : place_(place), outer_(place.innermost_) {
      place.innermost_ = this;
    }
    Walk(const Walk&) = delete;
    Walk& operator=(const Walk&) = delete;
    ~Walk() { place_.innermost_ = outer_; }

    // Sets the step to a property. `key` must outlive the walk, or live until the next call.
    void At(std::string_view key) { key_ = key; }
    // Sets the step to an element.
    void At(size_t index) { index_ = index; }

   private:
    friend class Place;
    static constexpr size_t kNoIndex = static_cast<size_t>(-1);

    Place& place_;
    Walk* const outer_;
    std::string_view key_;
    size_t index_ = kNoIndex;
  };

  // Replaces the place by that of another text's root, which is the element `index` of the log's
  // `key`. The destructor restores the place.
  class Detour {
   public:
    Detour(Place& place, std::string_view key, size_t index)
        : way_back_(place), property_(place), element_(place) {
      property_.At(key);
      element_.At(index);
    }

   private:
    // Declared before the walks, so that it is destroyed after them.
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

  // Returns the place as text, with long keys cut; empty at the root.
  std::string ToString() const;

 private:
  Walk* innermost_ = nullptr;
};

}  // namespace stored::reports::sarif
