"""Embeddable sales management: leads to cash, configure-price-quote, sales-force metrics."""
