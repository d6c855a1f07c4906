package dev.kimi.gateway.face;

import dev.kimi.gateway.dialect.InboundHead;
import dev.kimi.relay.RelayForm;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Request headers that services get because the configuration says so. */
final class ForwardedHeaders {

    private final List<String> names;

    ForwardedHeaders(List<String> names) {
        this.names = names;
    }

    List<String> names() {
        return names;
    }

    RelayForm addTo(RelayForm form, InboundHead head) {
        if (names.isEmpty() || !(form instanceof RelayForm.Verbatim verbatim)) {
            return form;
        }
        Map<String, String> headers = new LinkedHashMap<>(verbatim.headers());
        for (String name : names) {
            String value = head.headers().get(name);
            if (value != null) {
                headers.put(name, value);
            }
        }
        return new RelayForm.Verbatim(verbatim.path(), headers, verbatim.body(), verbatim.notes());
    }
}
