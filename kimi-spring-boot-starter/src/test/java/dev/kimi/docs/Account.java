package dev.kimi.docs;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.math.BigDecimal;
import java.util.Map;
import org.springframework.web.service.annotation.GetExchange;
import org.springframework.web.service.annotation.HttpExchange;

// snippet:spring-http-service
@HttpExchange("/v1")
interface Account {

    @GetExchange("/users/me/balance")
    Balance balance();

    @GetExchange("/models")
    Map<String, Object> models();

    record Balance(Amounts data) {}

    record Amounts(@JsonProperty("available_balance") BigDecimal available) {}
}
// end
