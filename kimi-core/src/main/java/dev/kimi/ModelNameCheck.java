package dev.kimi;

import dev.kimi.error.ConfigurationException;
import dev.kimi.internal.model.ModelCards;
import java.time.LocalDate;
import java.util.Map;

/** Looks at the names that models have at another endpoint of a route, which nobody would miss until it is needed. */
final class ModelNameCheck {

    private static final System.Logger LOG = System.getLogger("dev.kimi.routes");

    private final String endpoint;
    private final ModelCards cards;
    private final LocalDate today;

    /**
     * @param endpoint its name
     * @param cards what is known of its models
     * @param today the day in UTC
     */
    ModelNameCheck(String endpoint, ModelCards cards, LocalDate today) {
        this.endpoint = endpoint;
        this.cards = cards;
        this.today = today;
    }

    /**
     * Looks at all names.
     *
     * @param names those at the endpoint by those that callers use
     * @param there where the endpoint is
     * @param home where the client's own calls go
     * @throws ConfigurationException if the service does not offer one any more
     */
    void check(Map<String, String> names, Destination there, Destination home) {
        names.forEach((asked, here) -> {
            String setting = "kimi.models[" + asked + "]";
            if (here.isBlank()) {
                throw new ConfigurationException(
                        setting,
                        "The model " + asked + " has no name at the endpoint '" + endpoint + "'.",
                        "Write the name that it has there, or remove " + setting + ".");
            }
            cards.checkOffered(setting, here, today);
            if (there.hasKnownModels() && !cards.isKnown(here)) {
                LOG.log(
                        System.Logger.Level.WARNING,
                        "The setting " + setting + " names the model '" + here + "' for the endpoint '" + endpoint
                                + "', where no model of that name is known. If the service does not know it, calls"
                                + " that go there fail. " + fix(here));
            }
            if (home.hasKnownModels() && !cards.isKnown(asked)) {
                LOG.log(
                        System.Logger.Level.WARNING,
                        "The setting " + setting + " is for calls that name the model '" + asked
                                + "', and no model of that name is known. Calls of other models ask the endpoint '"
                                + endpoint + "' for its own model. " + fix(asked));
            }
        });
    }

    private static String fix(String model) {
        return "Correct the name, or if the model is new, state a fact of it, such as kimi.model-cards[" + model
                + "].context.";
    }
}
