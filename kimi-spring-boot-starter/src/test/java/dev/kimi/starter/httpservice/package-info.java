@NullMarked
package dev.kimi.starter.httpservice;

import org.jspecify.annotations.NullMarked;
