package dev.kimi.docs;

import dev.kimi.KimiClient;
import java.util.List;
import java.util.Map;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.stereotype.Service;

// snippet:spring-clients
@Service
class Comparison {

    private final KimiClient kimi;
    private final KimiClient second;
    private final Map<String, KimiClient> all;

    Comparison(KimiClient kimi, @Qualifier("second") KimiClient second, Map<String, KimiClient> all) {
        this.kimi = kimi;
        this.second = second;
        this.all = all;
    }

    List<String> ofTwo(String question) {
        return List.of(kimi.chat(question).text(), second.chat(question).text());
    }

    List<String> ofAll(String question) {
        return all.values().stream().map(client -> client.chat(question).text()).toList();
    }
}
// end
