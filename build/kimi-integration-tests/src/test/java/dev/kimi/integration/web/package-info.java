/** Controllers over real sockets, in Spring MVC on Tomcat and in Spring WebFlux on Netty. */
@NullMarked
package dev.kimi.integration.web;

import org.jspecify.annotations.NullMarked;
