#include "lib/migrate/step.h"

#include <fmt/format.h>

namespace rollproof::migrate {

Status run_steps(Session& session, const std::string& scope, const std::vector<Step>& steps) {
  const auto is_done = [&](size_t i) { return i < steps.size() && session.state().steps_done.contains(scope + "/" + steps[i].name); };
  for (size_t i = 0; i < steps.size(); ++i) {
    const Step& step = steps[i];
    if (is_done(i) && (!step.looked_at_again || is_done(i + 1))) continue;
    ROLLPROOF_TRY(session.check_safe_point());
    session.report({scope, step.name});
    const Json about{{"phase", scope}, {"step", step.name}};
    if (!session.state().steps_begun.contains(scope + "/" + step.name)) {
      Json intent{{"type", "step_intent"}};
      intent.update(about);
      ROLLPROOF_TRY(session.ledger().record({std::move(intent)}));
    }
    Json facts = Json::object();
    ROLLPROOF_TRY(step.run(session, facts));
    if (step.verify) ROLLPROOF_TRY(step.verify(session));
    if (!session.state().active) return {};  // the step ended the migration, and with it the list of its steps
    Json done{{"type", "step_done"}};
    done.update(about);
    done["facts"] = std::move(facts);
    ROLLPROOF_TRY(session.ledger().record({std::move(done)}));
  }
  return {};
}

}  // namespace rollproof::migrate
