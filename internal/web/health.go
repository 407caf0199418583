package web

import (
	"net/http"

	"github.com/gin-gonic/gin"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"kindred/internal/fault"
)

type metrics struct {
	registry *prometheus.Registry
	requests *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
	running  prometheus.Gauge
	panics   prometheus.Counter
}

// newMetrics makes a registry of its own, so that two engines in one test do not meet.
func newMetrics() *metrics {
	m := &metrics{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "kindred_http_requests_total", Help: "Requests by method, route and status."}, []string{"method", "route", "status"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "kindred_http_request_seconds", Help: "Time to answer, by method and route.",
			Buckets: []float64{.002, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 30},
		}, []string{"method", "route"}),
		running: prometheus.NewGauge(prometheus.GaugeOpts{Name: "kindred_http_requests_running", Help: "Requests being answered now."}),
		panics:  prometheus.NewCounter(prometheus.CounterOpts{Name: "kindred_http_panics_total", Help: "Requests that ended in a panic."}),
	}
	m.registry.MustRegister(m.requests, m.seconds, m.running, m.panics, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// Metrics is where other packages register their own.
func (e *Engine) Metrics() prometheus.Registerer { return e.metrics.registry }

// healthz says that the process answers at all.
func (e *Engine) healthz(c *gin.Context) error {
	c.String(http.StatusOK, "ok\n")
	return nil
}

// readyz says that requests can be answered: the database is there.
func (e *Engine) readyz(c *gin.Context) error {
	if e.Ready != nil {
		if err := e.Ready(c.Request.Context()); err != nil {
			return fault.New(fault.Unready, "fault.unready").Because(err)
		}
	}
	c.String(http.StatusOK, "ready\n")
	return nil
}

func (e *Engine) metricsPage(c *gin.Context) error {
	promhttp.HandlerFor(e.metrics.registry, promhttp.HandlerOpts{}).ServeHTTP(c.Writer, c.Request)
	return nil
}
