"""AWS X-Ray, laid out as a moto service is: models, responses, urls, exceptions."""
