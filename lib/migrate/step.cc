#include "lib/migrate/step.h"

#include <fmt/format.h>

namespace rollproof::migrate {

Status run_steps(Session& session, const std::string& scope, const std::vector<Step>& steps) {
  for (const Step& step : steps) {
    if (session.state().steps_done.contains(scope + "/" + step.name)) continue;
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
