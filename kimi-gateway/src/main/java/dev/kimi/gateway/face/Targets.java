package dev.kimi.gateway.face;

import dev.kimi.error.InvalidRequestException;
import dev.kimi.error.KimiException;
import dev.kimi.gateway.dialect.GatewayException;
import dev.kimi.relay.RelayForm;
import dev.kimi.relay.RelayResponse;
import dev.kimi.relay.RelayTarget;
import dev.kimi.service.ModelCard;
import dev.kimi.service.ModelPrices;
import java.math.BigDecimal;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The endpoints that a call has come to, with what is known of its model there. Thread-safe. */
final class Targets {

    private final Function<RelayTarget, RelayForm> forms;
    private volatile @Nullable GatewayException rejection;
    private final Map<String, ModelCard> cards = new ConcurrentHashMap<>(4);

    Targets(Function<RelayTarget, RelayForm> forms) {
        this.forms = forms;
    }

    RelayForm formFor(RelayTarget target) {
        cards.put(target.endpoint(), target.card());
        try {
            return forms.apply(target);
        } catch (GatewayException e) {
            rejection = e;
            // the engine passes on its own exceptions alone; any other would be a fault of the gateway
            throw new InvalidRequestException(e.error().message(), KimiException.Details.NONE, null, null);
        }
    }

    /** The rejection of the dialect, if it is why the call has failed before anything was sent; else the failure. */
    Throwable reasonOf(Throwable failure) {
        GatewayException rejected = rejection;
        return rejected != null && failure instanceof InvalidRequestException invalid && invalid.attempts() == 0
                ? rejected
                : failure;
    }

    /** What the response costs so far, in US dollars; null when no price is known. */
    @Nullable BigDecimal cost(RelayResponse response) {
        ModelCard card = cards.get(response.endpoint());
        ModelPrices prices = card == null ? null : card.prices();
        return prices == null || !prices.currency().equals("USD") ? null : prices.cost(response.usage());
    }
}
