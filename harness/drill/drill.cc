#include "harness/drill/drill.h"

#include <fmt/format.h>
#include <poll.h>

#include <algorithm>
#include <chrono>
#include <optional>

#include "harness/drill/story_process.h"
#include "lib/base/words.h"
#include "lib/migrate/phase.h"

namespace rollproof::drill {
namespace {

using Clock = std::chrono::steady_clock;

class Drill {
 public:
  Drill(const DrillOptions& options, const std::function<void(const Progress&)>& report, OutcomeFold told, size_t stories_ended)
      : options_(options), report_(report), began_(Clock::now()), fold_(std::move(told)), stories_ended_(stories_ended) {}

  Result<Outcome> run(const std::vector<Story>& all) {
    ROLLPROOF_ASSIGN(stories_, chosen(all));
    // What another program does is a fault that is a part of the story: without it there is nothing to be told.
    if (options_.control_only) {
      std::erase_if(stories_, [](const Story* story) { return story->tells_of_others(); });
      if (stories_.empty()) return fail(Code::invalid, fmt::format("\"{}\": these stories tell of other programs, and have no control without faults", options_.scenario), "", "Run them without --control-only.");
    }
    progress_.stories = stories_.size();
    for (size_t number = stories_ended_; number < stories_.size() && !stopped_; ++number) ROLLPROOF_TRY(tell(number));
    next_.reset();
    if (names_scenarios() && !options_.control_only && !planned_ && stories_ended_ == 0 && (options_.budget_ms == 0 || elapsed_ms() < options_.budget_ms)) return nothing_matches();
    Outcome outcome = fold_.take();
    outcome.duration_ms = elapsed_ms();
    return outcome;
  }

 private:
  int64_t elapsed_ms() const { return std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - began_).count(); }
  void say(const OrderedJson& event) const {
    if (options_.event) options_.event(event);
  }

  // A pattern with a dot or an @ is one of scenarios; every story may have them.
  bool names_scenarios() const { return options_.scenario.find_first_of(".@") != std::string::npos; }

  Result<std::vector<const Story*>> chosen(const std::vector<Story>& all) const {
    std::vector<const Story*> stories;
    std::vector<std::string> names;
    for (const Story& story : all) {
      names.push_back(story.name);
      if (names_scenarios() || matches(options_.scenario, story.name)) stories.push_back(&story);
    }
    if (!stories.empty()) return stories;
    const std::string near = nearest(options_.scenario, names);
    return fail(Code::invalid, fmt::format("nothing matches \"{}\"", options_.scenario), "",
                near.empty() ? fmt::format("Known stories: {}.", fmt::join(names, ", ")) : fmt::format("Did you mean \"{}\"?", near));
  }

  // The first piece of the pattern that nothing has, if one stands alone between dots.
  tl::unexpected<Error> nothing_matches() const {
    std::string hint = "`rollproof-drill list` prints all scenarios.";
    std::vector<std::string> known{"forward", "rollback", "recovery"};
    for (const fault::Kind kind : fault::all_kinds()) known.emplace_back(fault::name_of(kind));
    for (const migrate::Phase phase : migrate::kPhases) known.emplace_back(name_of(phase));
    const std::string_view head = std::string_view(options_.scenario).substr(0, options_.scenario.find('@'));
    for (size_t start = 0; start <= head.size();) {
      const size_t end = std::min(head.find('.', start), head.size());
      const std::string_view piece = head.substr(start, end - start);
      const std::string near = piece.find('*') == std::string_view::npos ? nearest(piece, known) : "";
      if (!near.empty() && near != piece) {
        hint = fmt::format("Did you mean \"{}\" by \"{}\"?", near, piece);
        break;
      }
      start = end + 1;
    }
    return fail(Code::invalid, fmt::format("no scenario matches \"{}\"", options_.scenario), "", hint);
  }

  // Told and planned beside the story before it.
  Result<StoryProcess> begin(size_t number) const {
    Telling telling{.story = *stories_[number], .options = options_, .pattern = names_scenarios() ? options_.scenario : "*", .covered = covered_, .say = {}, .ready = {}, .in_time = {}};
    telling.in_time = [this, number, deadline_ms = int64_t{0}]() mutable {
      if (options_.budget_ms == 0) return true;
      // No story takes the time of those behind it; what it leaves is theirs.
      if (deadline_ms == 0) deadline_ms = elapsed_ms() + (options_.budget_ms - elapsed_ms()) / static_cast<int64_t>(stories_.size() - number);
      return elapsed_ms() < deadline_ms;
    };
    return StoryProcess::begin(std::move(telling));
  }

  Status tell(size_t number) {
    const Story& story = *stories_[number];
    progress_.story_number = number + 1;
    progress_.story = story.name;
    progress_.done = progress_.total = 0;
    say(story_event(story.name));
    if (!next_) {
      ROLLPROOF_ASSIGN(auto begun, begin(number));
      next_.emplace(std::move(begun));
    }
    StoryProcess now = std::move(*next_);
    next_.reset();
    now.go();
    for (;;) {
      ROLLPROOF_ASSIGN(auto message, now.next());
      if (!message) {
        if (!hear(now)) return fail(now.last_words());
        if (report_) report_(progress_);
        continue;
      }
      if (message->error) return fail(std::move(*message->error));
      if (message->event) ROLLPROOF_TRY(take(*message->event));
      if (message->ready && number + 1 < stories_.size()) {
        covered_ = std::move(*message->ready);
        ROLLPROOF_ASSIGN(auto begun, begin(number + 1));
        next_.emplace(std::move(begun));
      }
      if (!message->end) continue;
      planned_ |= message->end->planned;
      stopped_ = message->end->stopped;
      const std::string left_out_because = stopped_ ? "stopped at the first violation" : message->end->in_time ? "" : kOutOfBudget;
      fold_.story_ends(left_out_because);
      say(done_event(story.name, left_out_because));
      return {};
    }
  }

  // Waits until `now` says something more, and lets nobody wait who is heard later. False if nothing more comes of it.
  bool hear(StoryProcess& now) {
    constexpr int kTurnMs = 200;
    if (now.out() < 0) return false;
    pollfd ends[2] = {{now.out(), POLLIN, 0}, {next_ ? next_->out() : -1, POLLIN, 0}};
    if (::poll(ends, 2, kTurnMs) <= 0) return true;
    if (ends[1].revents != 0) next_->hear();
    return ends[0].revents == 0 || now.hear();
  }

  Status take(const OrderedJson& event) {
    say(event);
    const std::string& kind = event.at("event").get_ref<const std::string&>();
    if (kind == "planned") {
      for (const auto& cell : event.at("cells")) progress_.total += cell.at("run").get<uint64_t>();
    } else if (kind == "case") {
      ++progress_.done;
      progress_.failed += event.at("verdict") == name_of(Verdict::failed);
      if (report_) report_(progress_);
    }
    return fold_event(event, fold_);
  }

  const DrillOptions& options_;
  const std::function<void(const Progress&)>& report_;
  const Clock::time_point began_;
  Progress progress_;
  OutcomeFold fold_;
  const size_t stories_ended_;
  std::vector<const Story*> stories_;
  std::optional<StoryProcess> next_;  // of the story behind the one whose cases run
  bool stopped_ = false;
  Covered covered_;
  bool planned_ = false;  // something, in one of the stories
};

}  // namespace

Result<Recording> recording_of(const Story& story, const DrillOptions& options) {
  if (options.own) return record_story(story, options.own->ground, options.seed);
  ROLLPROOF_ASSIGN(const Ground ground, fixture_ground(story, options.fixtures));
  return record_story(story, ground, options.seed);
}

Result<Outcome> run_drill(const std::vector<Story>& stories, const DrillOptions& options, const std::function<void(const Progress&)>& progress, OutcomeFold told, size_t stories_ended) {
  return Drill(options, progress, std::move(told), stories_ended).run(stories);
}

}  // namespace rollproof::drill
