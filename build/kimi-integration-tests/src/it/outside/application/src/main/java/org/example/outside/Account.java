package org.example.outside;

import java.util.Map;
import org.springframework.web.service.annotation.GetExchange;
import org.springframework.web.service.annotation.HttpExchange;

@HttpExchange("/v1")
interface Account {

    @GetExchange("/users/me/balance")
    Map<String, Object> balance();
}
