package dev.kimi.docs;

import org.springframework.context.annotation.Configuration;
import org.springframework.web.service.registry.ImportHttpServices;

// snippet:spring-http-services
@Configuration
@ImportHttpServices(group = "kimi", types = Account.class)
class HttpServices {}
// end
