package dev.kimi.integration.web.webflux;

import org.springframework.context.annotation.ComponentScan;
import org.springframework.context.annotation.Configuration;

/** An application with the controller of docs/spring-boot.md that writes events from Spring WebFlux. */
@Configuration(proxyBeanMethods = false)
@ComponentScan
public class ReactiveChat {}
